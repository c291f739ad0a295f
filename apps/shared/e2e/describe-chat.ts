import { describe } from 'vitest'
import { describeAccess } from './describe-access.ts'
import { describeConversations } from './describe-conversations.ts'
import { describeCorners } from './describe-corners.ts'
import { describeDurable } from './describe-durable.ts'
import { describeFailures } from './describe-failures.ts'
import { describeFigures } from './describe-figures.ts'
import { describeLooks } from './describe-looks.ts'
import { describeImages } from './describe-images.ts'
import { describeTalking } from './describe-talking.ts'
import { useScreen } from './open-screen.ts'
import type { DescribedChat } from './open-screen.ts'

/** How every demo app converses, whatever it is written in: in a real browser, against the emulator. */
export function describeChat(described: DescribedChat): void {
  describe(`the ${described.framework} chat`, () => {
    const screen = useScreen(described)
    describe('talking', () => describeTalking(screen))
    describe('conversations', () => describeConversations(screen))
    describe('durable answers', () => describeDurable(screen))
    describe('corners', () => describeCorners(screen))
  })
}

/** What every demo app shows. A file of its own: two browsers take half the time of one. */
export function describeScreen(described: DescribedChat): void {
  describe(`the screen of the ${described.framework} chat`, () => {
    const screen = useScreen(described)
    describe('images', () => describeImages(screen))
    describe('figures', () => describeFigures(screen))
    describe('failures', () => describeFailures(screen))
    describe('access', () => describeAccess(screen))
    describe('looks', () => describeLooks(screen))
  })
}
