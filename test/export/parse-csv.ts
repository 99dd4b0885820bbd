/** RFC 4180 read strictly: a quote within a bare cell, or anything after a closing quote, is a failure. */
export function parseCsv(text: string): string[][] {
  const rows: string[][] = [[]];
  let at = 0;
  for (;;) {
    const match = /"((?:[^"]|"")*)"|([^",\r\n]*)/y;
    match.lastIndex = at;
    const cell = match.exec(text);
    if (cell === null) throw new Error(`no cell at ${at}`);
    rows.at(-1)!.push(cell[1]?.replaceAll('""', '"') ?? cell[2] ?? "");
    at = match.lastIndex;
    if (at === text.length) return rows;
    if (text.startsWith("\r\n", at)) {
      rows.push([]);
      at += 2;
    } else if (text[at] === ",") at += 1;
    else throw new Error(`${JSON.stringify(text[at])} at ${at} of ${text}`);
  }
}
