import type { ModelInfo } from '@fal-llm/core'

/** One model of a picker. */
export interface ModelChoice {
  /** The slug to send. */
  readonly id: string
  /** The slug without its vendor, and a mark where it costs more. */
  readonly label: string
}

/** A vendor's models. */
export interface ModelGroup {
  readonly vendor: string
  readonly models: readonly ModelChoice[]
}

const vendorNames: Readonly<Record<string, string>> = {
  anthropic: 'Anthropic',
  deepseek: 'DeepSeek',
  google: 'Google',
  'meta-llama': 'Meta Llama',
  openai: 'OpenAI',
}

/** Sorts models under their vendors by name; within one, the order is the catalogue's. */
export function groupModels(models: readonly ModelInfo[]): readonly ModelGroup[] {
  const groups = new Map<string, ModelChoice[]>()
  for (const model of models) {
    const vendor = vendorNames[model.vendor] ?? model.vendor
    groups.set(vendor, [...(groups.get(vendor) ?? []), { id: model.id, label: toLabel(model) }])
  }
  return [...groups]
    .map(([vendor, choices]) => ({ vendor, models: choices }))
    .toSorted((left, right) => left.vendor.localeCompare(right.vendor))
}

/** A slug without its vendor: "openai/gpt-4o" → "gpt-4o". */
export function toModelName(id: string): string {
  return id.slice(id.indexOf('/') + 1)
}

function toLabel(model: ModelInfo): string {
  return model.premium ? `${toModelName(model.id)} ✦ premium` : toModelName(model.id)
}
