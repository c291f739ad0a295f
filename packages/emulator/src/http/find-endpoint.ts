import type { Endpoint } from '@fal-llm/core/endpoints'
import { refusal } from './refusal.ts'

/** fal's name for what an endpoint belongs to: "fal-ai/any-llm" for "fal-ai/any-llm/enterprise". */
export function toAppId(path: string): string {
  return path.split('/').slice(0, 2).join('/')
}

/** A call that was not run costs nothing. */
const unbilled = { 'x-fal-billable-units': '0' }

/**
 * Checks that a path belongs to an app that exists. This comes before the check of the key.
 *
 * @param path Without its leading slash.
 * @throws 404 as fal.run answers for an app it does not know.
 */
export function assertAppExists(endpoints: readonly Endpoint[], path: string): void {
  const appId = toAppId(path)
  if (endpoints.some(({ id }) => toAppId(id) === appId)) return
  const [owner = '', alias = owner] = appId.split('/')
  throw refusal(404, `Application "${alias}" not found`)
}

/**
 * Finds an endpoint of an app that exists.
 *
 * @param path The path that was called, for the text of the refusal.
 * @throws 404 as a fal app answers for a path it does not have.
 */
export function findEndpoint(endpoints: readonly Endpoint[], id: string, path: string): Endpoint {
  return endpoints.find((endpoint) => endpoint.id === id) ?? throwNoPath(path)
}

/** Refuses a path that an app does not have. */
export function throwNoPath(path: string): never {
  const inApp = path.slice(toAppId(path).length) || '/'
  throw refusal(404, `Path ${inApp} not found`, unbilled)
}
