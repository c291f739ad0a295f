import type { CallName } from '../faults/fault.ts'
import type { FalAddress } from './address.ts'

/** Names the call that a method on an address is, whether or not it will be accepted. */
export function nameCall(method: string, address: FalAddress): CallName | undefined {
  return rules.find(
    ([host, verb, path]) => host === address.host && verb === method && path.test(address.path),
  )?.[3]
}

/** Finds the id of the job that a path of queue.fal.run is about. */
export function matchJobId(path: string): string | undefined {
  return /^\/[^/]+\/.+\/requests\/([^/]+)/.exec(path)?.[1]
}

/** The first that fits. */
const rules: readonly (readonly [FalAddress['host'], string, RegExp, CallName])[] = [
  ['fal.run', 'POST', /\/openai\/v1\//, 'openai'],
  ['fal.run', 'GET', /\/openai\/v1\/models$/, 'models'],
  ['fal.run', 'POST', /\/stream$/, 'stream'],
  ['fal.run', 'POST', /^\/[^/]+\/[^/]+/, 'run'],
  ['queue.fal.run', 'GET', /\/requests\/[^/]+\/status\/stream$/, 'status-stream'],
  ['queue.fal.run', 'GET', /\/requests\/[^/]+\/status$/, 'status'],
  ['queue.fal.run', 'GET', /\/requests\/[^/]+(\/response)?$/, 'result'],
  ['queue.fal.run', 'PUT', /\/requests\/[^/]+\/cancel$/, 'cancel'],
  ['queue.fal.run', 'POST', /^\/[^/]+\/[^/]+(?!.*\/requests\/)/, 'submit'],
  ['rest.fal.ai', 'POST', /^\/tokens(\/realtime)?$/, 'token'],
  ['rest.fal.ai', 'GET', /^\/\.well-known\/jwks\.json$/, 'jwks'],
  ['rest.fal.ai', 'POST', /^\/storage\//, 'upload'],
  ['v3.fal.media', 'GET', /^\/files\//, 'file'],
  ['v3.fal.media', 'PUT', /^\/files\//, 'upload'],
  ['v3.fal.media', 'POST', /^\/files\//, 'upload'],
  ['fal.ai', 'GET', /^\/api\/openapi\//, 'openapi'],
]
