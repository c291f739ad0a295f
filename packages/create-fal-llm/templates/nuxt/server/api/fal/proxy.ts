import { toNuxtHandler } from '@fal-llm/server/nuxt'
import { falProxy } from '../../utils/fal-proxy'

export default toNuxtHandler(falProxy)
