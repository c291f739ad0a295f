import { useFalChat } from '@fal-llm/vue'
import type { ChatMessage } from '@fal-llm/vue'
import { createApp, defineComponent, h, onMounted } from 'vue'
import { question } from '../../peers/conversation.ts'
import { ourOptions } from './options.ts'
import { list, noteRender, openStage } from './stage.ts'
import { rowOf } from './vue-row.ts'

interface RowProps {
  readonly message: ChatMessage
  readonly index: number
}

const Row = defineComponent(
  (props: RowProps) => () => {
    noteRender(props.index)
    return rowOf(props.message.role, props.message.text)
  },
  { props: ['message', 'index'] },
)

const Conversation = defineComponent(() => {
  const { messages, send } = useFalChat(ourOptions)
  onMounted(() => openStage(() => send(question)))
  return () => messages.value.map((message, index) => h(Row, { key: message.id, message, index }))
})

createApp(Conversation).mount(list)
