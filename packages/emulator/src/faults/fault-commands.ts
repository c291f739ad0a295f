// The faults that a person, or a test in a browser, can ask for in the prompt.

import type { Fault, FaultPosition } from './fault.ts'

/** A command that makes something go wrong. */
export interface FaultCommand {
  /** How to write it, "/cut [n]". */
  readonly usage: string
  readonly summary: string
  /** @param streams Whether the answer would be a stream: where there are no events, things go wrong without one. */
  toFault(argument: string, streams: boolean): Fault
}

/** The commands that make something go wrong, by name. */
export const faultCommands: Readonly<Record<string, FaultCommand>> = {
  stall: {
    usage: '/stall [n]',
    summary: 'nothing more after n events (default 3)',
    toFault: (argument, streams) => ({ type: 'stall', ...position(argument, streams) }),
  },
  cut: {
    usage: '/cut [n]',
    summary: 'the answer ends after n events as if it were complete',
    toFault: (argument, streams) =>
      streams
        ? { type: 'cut', ...position(argument, streams) }
        : { type: 'cut', afterBytes: Math.max(1, toNumber(argument, 10)) },
  },
  drop: {
    usage: '/drop [n]',
    summary: 'the connection is closed after n events',
    toFault: (argument, streams) => ({ type: 'cut', how: 'drop', ...position(argument, streams) }),
  },
  reset: {
    usage: '/reset [n]',
    summary: 'the connection is reset after n events',
    toFault: (argument, streams) => ({ type: 'cut', how: 'reset', ...position(argument, streams) }),
  },
  split: {
    usage: '/split',
    summary: 'the answer arrives in single bytes',
    toFault: () => ({ type: 'split' }),
  },
  drip: {
    usage: '/drip [ms]',
    summary: 'twenty bytes at a time, so many milliseconds apart (default 50)',
    toFault: (argument) => ({ type: 'drip', bytes: 20, everyMs: toNumber(argument, 50) }),
  },
  malformed: {
    usage: '/malformed [n]',
    summary: 'broken JSON in the event after n good ones',
    toFault: (argument) => ({ type: 'malformed', afterEvents: toNumber(argument, 3) }),
  },
  rewrite: {
    usage: '/rewrite [n]',
    summary: 'after n events the text begins otherwise',
    toFault: (argument) => ({ type: 'rewrite', afterEvents: toNumber(argument, 3) }),
  },
  html: {
    usage: '/html',
    summary: 'a page of HTML with status 200',
    toFault: () => ({
      type: 'respond',
      status: 200,
      headers: { 'content-type': 'text/html' },
      body: '<!doctype html><title>502 Bad Gateway</title><h1>Something else answered</h1>',
    }),
  },
  json: {
    usage: '/json',
    summary: 'one finished JSON answer where a stream was due',
    toFault: () => ({
      type: 'respond',
      status: 200,
      body: { output: 'One answer, whole, and no stream.', partial: false, error: null },
    }),
  },
  restart: {
    usage: '/restart [ms]',
    summary: 'the server goes away and comes back (default after 1000 ms)',
    toFault: (argument) => ({ type: 'restart', downMs: toNumber(argument, 1000) }),
  },
  lost: {
    usage: '/lost',
    summary: 'queue: the job is accepted and then unknown',
    toFault: () => ({ type: 'lose-job' }),
  },
  fail: {
    usage: '/fail',
    summary: 'queue: the job fails when it runs',
    toFault: () => ({ type: 'fail-job' }),
  },
  '401': refusalCommand(401, 'No user found for Key ID and Secret'),
  '403': refusalCommand(403, 'User is locked. Reason: Exhausted balance.'),
  '404': refusalCommand(404, 'Application "gone" not found'),
  '422': refusalCommand(422, [
    {
      loc: ['body', 'prompt'],
      msg: 'The prompt was flagged by a content checker',
      type: 'content_policy_violation',
      url: 'https://docs.fal.ai/errors#content_policy_violation',
    },
  ]),
  '429': refusalCommand(429, 'Too many concurrent requests', 'concurrent_requests_limit'),
  '500': refusalCommand(500, 'Internal Server Error'),
  '502': refusalCommand(502, 'Incomplete response from runner', 'runner_incomplete_response'),
  '503': refusalCommand(503, 'No runner available', 'runner_scheduling_failure'),
  '504': refusalCommand(504, 'Request timed out', 'request_timeout'),
}

function refusalCommand(status: number, detail: unknown, errorType?: string): FaultCommand {
  const waits = status === 429 || status === 503
  return {
    usage: waits ? `/${status} [seconds]` : `/${status}`,
    summary: waits ? `refused with ${status}, and Retry-After if given` : `refused with ${status}`,
    toFault: (argument) => ({
      type: 'respond',
      status,
      headers: {
        ...(errorType && { 'x-fal-error-type': errorType, 'x-fal-needs-retry': '1' }),
        ...(waits && argument !== '' && { 'retry-after': argument }),
      },
      body: { detail, ...(errorType && { error_type: errorType }) },
    }),
  }
}

function position(argument: string, streams: boolean): FaultPosition {
  return streams ? { afterEvents: toNumber(argument, 3) } : { beforeHead: true }
}

function toNumber(argument: string, fallback: number): number {
  const number = Number.parseInt(argument, 10)
  return Number.isNaN(number) ? fallback : Math.max(0, number)
}
