import type { CallName, Fault, FaultRule, Faults } from './fault.ts'

/** The faults of one call. */
export interface PlannedFaults {
  readonly faults: readonly Fault[]
  /** Whether the emulator handles the call before the faults happen. */
  readonly handled: boolean
}

/** The faults to come, as the emulator uses them. */
export interface FaultPlan extends Faults {
  /** Uses up one time of the first rule that fits. */
  take(call: CallName | undefined, path: string): PlannedFaults | undefined
}

/** Beyond this many rules the oldest is forgotten. */
const maxRules = 10_000

/** Creates a plan without faults. */
export function createFaultPlan(): FaultPlan {
  const rules = new Set<{ readonly rule: FaultRule; left: number }>()
  return {
    add(rule) {
      const entry = { rule, left: rule.times ?? 1 }
      rules.add(entry)
      const [oldest] = rules
      if (rules.size > maxRules && oldest) rules.delete(oldest)
      return () => void rules.delete(entry)
    },
    clear: () => rules.clear(),
    get pending() {
      return rules.size
    },
    take(call, path) {
      for (const entry of rules) {
        if (!fits(entry.rule, call, path)) continue
        entry.left -= 1
        if (entry.left <= 0) rules.delete(entry)
        return toPlannedFaults(entry.rule.fault, entry.rule.handled)
      }
      return undefined
    },
  }
}

/** Fills in what a rule leaves open. */
export function toPlannedFaults(fault: FaultRule['fault'], handled?: boolean): PlannedFaults {
  const faults = 'type' in fault ? [fault] : fault
  return { faults, handled: handled ?? faults.every(({ type }) => type !== 'respond') }
}

function fits({ match = {} }: FaultRule, call: CallName | undefined, path: string): boolean {
  const { call: wanted, path: pattern } = match
  if (wanted !== undefined && !isOneOf(call, wanted)) return false
  if (pattern === undefined) return true
  return typeof pattern === 'string' ? path.includes(pattern) : new RegExp(pattern).test(path)
}

function isOneOf(call: CallName | undefined, wanted: CallName | readonly CallName[]): boolean {
  return (
    call !== undefined && (typeof wanted === 'string' ? wanted === call : wanted.includes(call))
  )
}
