/** What someone typed. */
export type Line =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'command'; readonly name: string; readonly argument: string }
  | { readonly type: 'nothing' }

/** Reads a typed line: a slash begins a command, two begin a text that begins with one. Never throws. */
export function parseLine(line: string): Line {
  const text = line.trim()
  if (text === '') return { type: 'nothing' }
  if (text.startsWith('//')) return { type: 'text', text: text.slice(1) }
  const [, name, argument = ''] = /^\/([^\s/]*)(?:\s+([\s\S]*))?$/.exec(text) ?? []
  return name === undefined
    ? { type: 'text', text }
    : { type: 'command', name: name.toLowerCase(), argument: argument.trim() }
}
