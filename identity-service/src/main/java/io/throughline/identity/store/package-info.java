/** PostgreSQL: customers, identifiers, consents, silences, sources, timeline. */
@NullMarked
package io.throughline.identity.store;

import org.jspecify.annotations.NullMarked;
