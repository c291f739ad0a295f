import type { FalLlmError } from '../../errors.ts'
import type { CallResult, ChatEvent, Command, Effect } from './chat-event.ts'
import type { Order } from './engine.ts'

/** The promises of commands that have not ended. */
export interface OpenCalls {
  /** Runs a command once `before` has settled. A call nobody awaits is no unhandled rejection. */
  call(order: Order, before: Promise<void> | undefined): Promise<CallResult>
  /**
   * Runs a command that is over at once; undefined for one that waits.
   *
   * @throws FalLlmError why it was refused.
   */
  callNow(order: Order): CallResult
  /** Settles the promise that an effect is about. */
  end(effect: Extract<Effect, { type: 'settle' | 'refuse' }>): void
}

interface Settler {
  resolve(result: CallResult): void
  reject(error: FalLlmError): void
}

/** Starts without any call. `report` hears why a command was refused that nobody waits for. */
export function createOpenCalls(
  dispatch: (event: ChatEvent) => void,
  report: (error: FalLlmError) => void,
): OpenCalls {
  const settlers = new Map<number, Settler>()
  let calls = 0
  const run = (order: Order, settler: Settler): number => {
    const call = (calls += 1)
    settlers.set(call, settler)
    // Each order is a command without its number.
    dispatch({ type: 'command', command: { ...order, call } as Command })
    return call
  }
  return {
    call(order, before) {
      const settled = new Promise<CallResult>((resolve, reject) => {
        const go = (): void => void run(order, { resolve, reject })
        if (before) void before.then(go)
        else go()
      })
      settled.catch(() => {})
      return settled
    },
    callNow(order) {
      let result: CallResult
      let refusal: FalLlmError | undefined
      const call = run(order, {
        resolve: (next) => (result = next),
        reject: (error) => (refusal = error),
      })
      if (refusal) throw refusal
      // What waits has nobody left to throw at.
      if (settlers.has(call)) settlers.set(call, { resolve() {}, reject: report })
      return result
    },
    end(effect) {
      const settler = settlers.get(effect.call)
      settlers.delete(effect.call)
      if (effect.type === 'settle') settler?.resolve(effect.result)
      else settler?.reject(effect.error)
    },
  }
}
