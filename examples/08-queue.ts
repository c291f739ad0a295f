// Through the queue: the job's place, its log lines, then the answer.

import { createFalLlm } from '@fal-llm/core'

const run = createFalLlm().generate({
  endpoint: 'fal-ai/any-llm/enterprise',
  prompt: 'What is the meaning of life?',
  mode: 'queue',
  logs: true,
})

for await (const event of run) {
  if (event.type !== 'queue-update') continue
  console.log(event.status, event.position ?? '')
  for (const line of event.logs) console.log(`  ${line.message}`)
}

console.log((await run).text)
