/** Takes events in; resolves who it was; profile and consent ledger. */
@NullMarked
package io.throughline.identity;

import org.jspecify.annotations.NullMarked;
