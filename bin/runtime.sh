# Finds the Node runtime that npm installed for this platform. Sourced, with $root set to the directory of
# package.json; sets $runtime, or says in one line what to do and exits. npm puts the package in $root/node_modules,
# or, where Socklens is itself a dependency, in a node_modules directory further up.

system=$(uname -s | tr '[:upper:]' '[:lower:]')
machine=$(uname -m)
case $machine in
  x86_64 | amd64) machine=x64 ;;
  aarch64) machine=arm64 ;;
esac

runtime=
directory=$root
while :; do
  candidate=${directory%/}/node_modules/node-$system-$machine/bin/node
  if [ -x "$candidate" ]; then
    runtime=$candidate
    break
  fi
  [ "$directory" = / ] && break
  directory=$(dirname -- "$directory")
done

if [ -z "$runtime" ]; then
  echo "socklens: no runtime for $system-$machine: run npm ci in $root" >&2
  exit 1
fi
