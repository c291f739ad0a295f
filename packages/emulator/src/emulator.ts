import { createActivity } from './answers/activity.ts'
import { recordAnswer } from './answers/recordings.ts'
import { createApp } from './app.ts'
import { applyFaults } from './faults/apply-faults.ts'
import type { Connection } from './faults/connection.ts'
import type { Faults } from './faults/fault.ts'
import { createFaultPlan } from './faults/faults.ts'
import { parseAddress } from './http/address.ts'
import type { FalAddress } from './http/address.ts'
import { createAuthorizer } from './http/authorizer.ts'
import { nameCall } from './http/call-name.ts'
import type { Exchange } from './http/exchange.ts'
import { createRequestLog, toLogEntry } from './http/request-log.ts'
import type { LoggedRequest } from './http/request-log.ts'
import { createTokenSigner } from './http/token-signer.ts'
import { resolveOptions } from './options.ts'
import type { EmulatorOptions } from './options.ts'
import { createJobs } from './queue/jobs.ts'
import type { QueueFigures } from './queue/jobs.ts'
import { runJob } from './queue/run-job.ts'
import { createWebhookSigner } from './queue/webhook-signer.ts'
import { createWebhooks } from './queue/webhooks.ts'
import { createFileStore } from './storage/file-store.ts'

/** fal's HTTP interface as a function: no socket, no key, no network. */
export interface Emulator {
  /**
   * Answers a request to any of fal's hosts.
   *
   * @param connection How faults reach the socket. Without one, a fault that cuts the connection fails the body or the call.
   * @throws TypeError, as fetch does, where a fault cuts the connection before the head and there is no connection.
   */
  fetch(request: Request, connection?: Connection): Promise<Response>
  /** The requests that arrived, oldest first, without `/health` and preflights. */
  readonly requests: readonly LoggedRequest[]
  /** The faults to come. */
  readonly faults: Faults
  /** How many answers are being written, running jobs included; 0 after every client has left. */
  readonly active: number
  /** How many jobs there are. */
  readonly queue: QueueFigures
  /** Bytes of uploaded files. */
  readonly storedBytes: number
  /** Resolves as soon as the condition holds: `until(() => emulator.active === 0)`. */
  until(condition: () => boolean): Promise<void>
  /** Ends every job, every webhook and every timer. */
  close(): void
}

const idHeader = 'x-fal-request-id'

/**
 * Creates an emulator.
 *
 * @throws RangeError for an option that is out of range.
 */
export function createEmulator(options: EmulatorOptions = {}): Emulator {
  const resolved = resolveOptions(options)
  const { clock, model, urls } = resolved
  const activity = createActivity()
  const log = createRequestLog(resolved.maxLoggedRequests, activity.changed)
  const plan = createFaultPlan()
  const tokenSigner = createTokenSigner(clock)
  const signer = createWebhookSigner(resolved.webhookKey)
  const files = createFileStore(clock, resolved.maxStoredBytes)
  const authorizer = createAuthorizer(resolved.keys, tokenSigner)
  const services = { options: resolved, model, activity, authorizer }
  const jobs = createJobs({
    ...resolved,
    execute: (job) => runJob(job, services, (message) => jobs.log(job, message)),
    onCompleted: (job) => webhooks.deliver(job),
    changed: activity.changed,
  })
  const webhooks = createWebhooks({
    clock,
    signer,
    fetch: resolved.fetch,
    anywhere: resolved.webhooksAnywhere,
    log: jobs.log,
  })
  const app = createApp({ services, jobs, files, tokenSigner, signer, plan })

  const begin = (request: Request, connection: Connection | undefined): Exchange => {
    const parsed = parseAddress(request)
    const mapsHosts = urls === 'auto' ? parsed.mapsHosts : urls === 'fal'
    const address = { ...parsed, mapsHosts }
    const call = nameCall(request.method, address)
    const requestId = resolved.createId()
    const known = { requestId, call, receivedAt: clock.now() }
    const note = isLogged(request.method, address)
      ? log.add(toLogEntry(request, address, known))
      : () => {}
    const accept = (): void => note({ accepted: call })
    const faults = plan.take(call, address.path)
    return { address, call, requestId, connection, faults, body: '', accept, note }
  }
  return {
    async fetch(request, connection) {
      const exchange = begin(request, connection)
      const answered = await app.fetch(request, exchange)
      const broken = exchange.faults
        ? await applyFaults(answered, exchange.faults.faults, { clock, connection }, request.signal)
        : answered
      if (!broken.headers.has(idHeader)) broken.headers.set(idHeader, exchange.requestId)
      exchange.note({ status: broken.status })
      const { record } = resolved
      return record ? recordAnswer(request, exchange, broken, clock, record) : broken
    },
    requests: log.requests,
    faults: plan,
    get active() {
      return activity.active
    },
    queue: {
      get waiting() {
        return jobs.waiting
      },
      get running() {
        return jobs.running
      },
      get kept() {
        return jobs.kept
      },
    },
    get storedBytes() {
      return files.storedBytes
    },
    until: activity.until,
    close() {
      jobs.close()
      webhooks.close()
    },
  }
}

function isLogged(method: string, { host, path }: FalAddress): boolean {
  return method !== 'OPTIONS' && !(host === 'fal.run' && path === '/health')
}
