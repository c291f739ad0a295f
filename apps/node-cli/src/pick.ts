import { autocomplete, isCancel } from '@clack/prompts'
import type { PickList } from './commands/command.ts'
import type { Screen } from './print/screen.ts'

/** Lets someone at a terminal choose by typing or with the arrows; Ctrl-C or Escape chooses nothing. */
export async function pickAtTerminal({
  question,
  entries,
  current,
}: PickList): Promise<string | undefined> {
  const chosen = await autocomplete({
    message: question,
    options: entries.map(({ id, hint }) => ({ value: id, ...(hint !== undefined && { hint }) })),
    initialValue: current,
    maxItems: 10,
  })
  return isCancel(chosen) ? undefined : chosen
}

/** Prints the list where nobody can choose from it. */
export function printList({ say }: Screen): (list: PickList) => Promise<undefined> {
  return async ({ entries, current }) => {
    for (const { id, hint } of entries) {
      say(`${id === current ? '*' : ' '} ${id}${hint === undefined ? '' : `  (${hint})`}`)
    }
    return undefined
  }
}
