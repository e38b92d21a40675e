/** What verdicts come to in words: what was counted, and what would turn a refusal. Pure. */
@NullMarked
package io.throughline.governance.explanation;

import org.jspecify.annotations.NullMarked;
