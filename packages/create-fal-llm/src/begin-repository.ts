import { runCommand } from './run-command.ts'

/**
 * Begins a git repository with everything in a first commit, unless the folder is in one already.
 * Resolves with what a person should know. Never rejects.
 */
export async function beginRepository(folder: string): Promise<string> {
  const inside = await runCommand(['git', 'rev-parse', '--is-inside-work-tree'], folder)
  if (inside.ok) return 'The folder is in a git repository already: nothing was committed.'
  const begun = await runCommand(['git', 'init', '--quiet'], folder)
  if (!begun.ok) return `No git repository was begun: ${begun.printed.trim()}`
  await runCommand(['git', 'add', '--all'], folder)
  // A shell on Windows would split a message of several words.
  const kept = await runCommand(['git', 'commit', '--quiet', '--message=Begin'], folder)
  return kept.ok
    ? 'A git repository, with a first commit.'
    : `A git repository, without a commit: ${kept.printed.trim().split('\n', 1)[0]}`
}
