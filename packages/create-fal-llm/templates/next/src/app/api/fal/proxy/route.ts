import { toNextHandlers } from '@fal-llm/server/next'
import { falProxy } from '../../../../server/fal-proxy'

export const { GET, POST, PUT, OPTIONS } = toNextHandlers(falProxy)
