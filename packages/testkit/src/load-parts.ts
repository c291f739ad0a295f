// What a page loads on first use is there before a test begins: a test that counts turns of the event loop would
// otherwise see its first answer later than the others. No door of core leads here, and none should.

import '../../core/src/chat/engine/loaded/loaded-part.ts'
import '../../core/src/chat/storage/persistence.ts'
