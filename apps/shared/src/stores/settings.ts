import type { ChatOptions, Endpoint, EndpointId } from '@fal-llm/core'
import { chatEndpoints, firstModelOf } from '../llm/chat-endpoints.ts'
import { pageStorage } from './page-storage.ts'
import { createViewStore } from './view-store.ts'
import type { ViewStore } from './view-store.ts'

/** The model the reader chose, and how it answers. */
export interface Settings {
  readonly endpoint: Endpoint
  readonly model: string
  readonly reasoning: boolean
  /** Answers go through the queue and survive a reload. */
  readonly durable: boolean
}

/** The settings and the choices that change them. */
export interface SettingsStore extends ViewStore<Settings> {
  /** The model stays where the endpoint has it. An id nobody knows changes nothing. */
  pickEndpoint(id: string): void
  pickModel(model: string): void
  toggleReasoning(): void
  toggleDurable(): void
}

const storageKey = 'fal-llm-settings'

/** The settings of a page, remembered in `storage`; one that refuses only costs the memory. Never throws. */
export function createSettings(
  storage: Pick<Storage, 'getItem' | 'setItem'> = pageStorage('localStorage'),
): SettingsStore {
  const { getState, subscribe, set } = createViewStore(readSettings(storage))
  const change = (patch: Partial<Settings>): void => {
    set({ ...getState(), ...patch })
    saveSettings(storage, getState())
  }
  return {
    getState,
    subscribe,
    pickEndpoint(id) {
      const endpoint = chatEndpoints.find((known) => known.id === id)
      if (endpoint) change({ endpoint, model: keptModel(endpoint, getState().model) })
    },
    pickModel: (model) => change({ model }),
    toggleReasoning: () => change({ reasoning: !getState().reasoning }),
    toggleDurable: () => change({ durable: !getState().durable }),
  }
}

/** The settings as a chat's options. Never throws. */
export function toChatOptions({
  endpoint,
  model,
  reasoning,
  durable,
}: Settings): ChatOptions<EndpointId> {
  return { endpoint, model, params: { reasoning }, ...(durable && { mode: 'durable' }) }
}

function keptModel(endpoint: Endpoint, model: unknown): string {
  const known = endpoint.models.find(({ id }) => id === model)
  return known?.id ?? firstModelOf(endpoint)
}

function readSettings(storage: Pick<Storage, 'getItem'>): Settings {
  const stored = readStored(storage)
  const endpoint = chatEndpoints.find(({ id }) => id === stored['endpoint']) ?? chatEndpoints[0]
  if (!endpoint) throw new Error('No endpoint takes a prompt alone')
  return {
    endpoint,
    model: keptModel(endpoint, stored['model']),
    reasoning: stored['reasoning'] === true,
    durable: stored['durable'] === true,
  }
}

function readStored(storage: Pick<Storage, 'getItem'>): Record<string, unknown> {
  try {
    const stored: unknown = JSON.parse(storage.getItem(storageKey) ?? '{}')
    // Any object may be asked for any key.
    return typeof stored === 'object' && stored ? (stored as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

function saveSettings(storage: Pick<Storage, 'setItem'>, settings: Settings): void {
  try {
    storage.setItem(storageKey, JSON.stringify({ ...settings, endpoint: settings.endpoint.id }))
  } catch {
    // A private window may refuse; the choice then lasts as long as the page.
  }
}
