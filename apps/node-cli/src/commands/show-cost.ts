import { formatCost } from '@fal-llm/app-shared/text/format'
import type { Usage } from '@fal-llm/core'
import type { Desk } from './command.ts'

/** `/cost`: what fal reported is a figure; what is estimated has a ≈ before it and no price. */
export function showCost({ session, screen }: Desk): void {
  const { usage } = session.chat.getState()
  if (usage.turns === 0) return screen.say('Nothing was used yet.')
  const models = Object.entries(usage.byModel)
  const width = Math.max(...models.map(([model]) => model.length))
  for (const [model, used] of models) screen.say(`${model.padEnd(width)}  ${describe(used)}`)
  if (models.length > 1) screen.say(`${'all'.padEnd(width)}  ${describe(usage)}`)
  if (!usage.estimated) return
  screen.say('≈ holds an estimate: fal did not report every answer, so its characters are counted.')
}

function describe({ promptTokens, completionTokens, costUsd, estimated }: Usage): string {
  const about = estimated ? '≈ ' : ''
  const tokens = `${about}${promptTokens} tokens read, ${about}${completionTokens} written`
  return `${tokens}, ${describeCost(costUsd, estimated)}`
}

function describeCost(costUsd: number | undefined, estimated: boolean): string {
  if (costUsd === undefined) return 'cost not reported'
  const reported = `${formatCost(costUsd)} reported by fal`
  return estimated ? `${reported} for a part of it` : reported
}
