import { mount } from 'svelte'
import { list } from './stage.ts'
import Conversation from './svelte/our-conversation.svelte'

mount(Conversation, { target: list })
