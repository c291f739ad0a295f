import type { Endpoint, EndpointId } from '../../../endpoints/index.ts'
import type { ContextPlan, RequestBuilder } from '../../prompt/build-request.ts'
import type { ChatMessage, ContextReport } from '../../state.ts'
import type { SendContent } from '../../parse-send-input.ts'
import type { Conversation } from '../conversation.ts'
import type { Asked } from '../../kept.ts'
import { visiblePath } from '../message-tree.ts'
import { wordsOf } from '../to-message.ts'

/** How it would be asked. */
export interface EstimatePlan extends Omit<Asked, 'endpoint'>, Pick<ContextPlan, 'memory'> {
  readonly endpoint: EndpointId | Endpoint | undefined
}

/** What would be sent of a conversation if this were said, what it would count, and what would be left out. */
export function estimate(
  builder: RequestBuilder,
  { tree }: Conversation,
  content: SendContent | undefined,
  { endpoint, model, system, memory }: EstimatePlan,
): ContextReport {
  const path = visiblePath(tree)
  const said = content ? [...path, messageOf(content)] : path
  return builder.estimate(said, { endpoint, model, system, memory })
}

/** What somebody may send, as the message it would be. */
function messageOf({ parts }: SendContent): ChatMessage {
  const branch = { index: 0, count: 1 }
  const ending = { status: 'done', error: undefined, createdAt: 0, parentId: null, branch } as const
  return { id: '', role: 'user', ...wordsOf(parts), ...ending }
}
