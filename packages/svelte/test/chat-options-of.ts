import type { DriverChatOptions } from '@fal-llm/testkit/binding-conformance'
import type { CreateFalChatOptions, EndpointId } from '../src/index.ts'

/** The suite's options as this binding names them. */
export function chatOptionsOf({
  onLeave,
  ...source
}: DriverChatOptions): CreateFalChatOptions<EndpointId, unknown> {
  return { ...source, ...(onLeave && { onDestroy: onLeave }) }
}
