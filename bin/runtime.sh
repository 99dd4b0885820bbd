# Finds the Node runtime that npm installed for this platform. Sourced, with $root set to the directory of
# package.json; sets $runtime, or says in one line what to do and exits. npm puts the package in $root/node_modules,
# or, where Socklens is itself a dependency, in a node_modules directory that it is in. Nowhere else: /tmp above a checkout
# is everybody's.

system=$(uname -s | tr '[:upper:]' '[:lower:]')
machine=$(uname -m)
case $machine in
  x86_64 | amd64) machine=x64 ;;
  aarch64) machine=arm64 ;;
esac

runtime=
modules=$root/node_modules
while [ -n "$modules" ]; do
  candidate=$modules/node-$system-$machine/bin/node
  if [ -x "$candidate" ]; then
    runtime=$candidate
    break
  fi
  # The next node_modules that $root is in.
  case $modules in
    "$root"/node_modules) modules=$root/ ;;
    *) modules=${modules%/node_modules}/ ;;
  esac
  case $modules in
    */node_modules/*) modules=${modules%/node_modules/*}/node_modules ;;
    *) modules= ;;
  esac
done

if [ -z "$runtime" ]; then
  echo "socklens: no runtime for $system-$machine: run npm ci in $root" >&2
  exit 1
fi
