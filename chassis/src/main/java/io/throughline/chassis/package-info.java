/**
 * What every service needs and that knows no word of the domain: the outbox and inbox, problem
 * documents, bearer tokens, expressions, the clock.
 */
@NullMarked
package io.throughline.chassis;

import org.jspecify.annotations.NullMarked;
