/** What a person is told of a file that cannot be opened, read or written: the end of a line that names the file. */

const ofBoth: Readonly<Record<string, string>> = {
  EISDIR: "it is a directory",
  ELOOP: "it is a symbolic link, or leads through too many",
  ENAMETOOLONG: "the name is too long",
  EMFILE: "too many files are open: ulimit -n allows no more",
  EIO: "the disk reports an error",
};

const ofReading: Readonly<Record<string, string>> = {
  ...ofBoth,
  EACCES: "you have no permission to read it",
  EPERM: "you have no permission to read it",
  ENOENT: "there is no such file",
  ENOTDIR: "there is no such file",
};

const ofWriting: Readonly<Record<string, string>> = {
  ...ofBoth,
  EACCES: "you may not write there",
  EPERM: "you may not write there",
  ENOENT: "there is no such directory",
  ENOTDIR: "there is no such directory",
  ENOSPC: "the disk is full",
  EDQUOT: "your quota is used up",
  EROFS: "the file system is read-only",
};

/** The code of a failed system call; of anything else its text. */
export const errorCode = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? String(error);

export const readingProblem = (error: unknown): string => ofReading[errorCode(error)] ?? errorCode(error);
export const writingProblem = (error: unknown): string => ofWriting[errorCode(error)] ?? errorCode(error);
