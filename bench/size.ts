// Holds the budgets: `pnpm size` prints what a page carries of ours and exits with 1 where it is too much, or where
// @fal-ai/client is loaded before anything asked for it.

import { budgets } from './harness/budgets.ts'
import { weigh } from './harness/first-load.ts'

for (const { work, code, kib: atMost, outside } of budgets) {
  const { kib, files } = await weigh(code, outside)
  const isEarly = files.some(([path]) => path.includes('@fal-ai/client'))
  if (kib > atMost || isEarly) process.exitCode = 1
  const verdict = isEarly ? '@fal-ai/client is loaded first' : kib > atMost ? 'too much' : 'ok'
  console.log(`${kib.toFixed(2).padStart(6)} of ${atMost} KiB  ${verdict}  ${work}`)
}
