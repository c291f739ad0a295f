import { fileURLToPath } from 'node:url'
import { describeChat } from '@fal-llm/app-shared/e2e/describe-chat'

describeChat({
  framework: 'vue',
  artefacts: fileURLToPath(new URL('../test-artefacts', import.meta.url)),
})
