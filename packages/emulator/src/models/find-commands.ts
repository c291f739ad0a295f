/** A command as it was found in a turn. */
export interface FoundCommand {
  readonly name: string
  readonly argument: string
}

const commandLine = /^\/([a-z0-9-]+)(?:[ \t]+(.*))?$/

/**
 * Finds the commands of a turn: lines that begin with "/" and a known name. "/usr/bin/env" stays text.
 *
 * @param isKnown Whether a name is that of a command.
 */
export function findCommands(
  turn: string,
  isKnown: (name: string) => boolean,
): { readonly found: readonly FoundCommand[]; readonly rest: string } {
  const found: FoundCommand[] = []
  const rest: string[] = []
  for (const line of turn.split('\n')) {
    const [, name, argument = ''] = commandLine.exec(line.trimEnd()) ?? []
    if (name !== undefined && isKnown(name)) found.push({ name, argument })
    else rest.push(line)
  }
  return { found, rest: rest.join('\n').trim() }
}
