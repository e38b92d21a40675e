package io.throughline.governance.redis;

import io.throughline.governance.rules.Rules;
import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/**
 * What is sent along with every message of one kind.
 *
 * @param text the rules as an argument
 * @param quiet absent where no quiet hours apply
 */
record Plan(Rules rules, Buffer text, @Nullable QuietTexts quiet) {}
