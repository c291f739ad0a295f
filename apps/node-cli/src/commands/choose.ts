import { endpoints } from '@fal-llm/core'
import { moveTo } from '../choice.ts'
import { findEndpoint } from '../find-endpoint.ts'
import { findModel } from '../find-model.ts'
import type { Desk } from './command.ts'

/** `/model [id]` */
export async function chooseModel(
  { session, screen, pick }: Desk,
  argument: string,
): Promise<void> {
  const { endpoint, model } = session.choice
  const entries = endpoint.models.map(({ id, premium }) => ({
    id,
    ...(premium && { hint: 'premium: ten times the price' }),
  }))
  const wanted = argument || (await pick({ question: 'Which model?', entries, current: model }))
  if (wanted === undefined) return
  session.choose({ ...session.choice, model: findModel(endpoint, wanted) })
  screen.say(`${session.choice.model} answers from now on.`)
}

/** `/endpoint [id]` */
export async function chooseEndpoint(
  { session, screen, pick }: Desk,
  argument: string,
): Promise<void> {
  const entries = Object.values(endpoints).map(({ id, supports }) => ({
    id,
    ...(supports.images && { hint: 'sees pictures' }),
  }))
  const current = session.choice.endpoint.id
  const wanted = argument || (await pick({ question: 'Which endpoint?', entries, current }))
  if (wanted === undefined) return
  session.choose(moveTo(session.choice, findEndpoint(wanted)))
  const { endpoint, model } = session.choice
  screen.say(`${endpoint.id} is asked from now on; ${model} answers.`)
}
