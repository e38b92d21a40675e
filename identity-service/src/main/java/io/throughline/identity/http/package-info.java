/** The HTTP interface: events in, consents, customers, and what the channel service asks. */
@NullMarked
package io.throughline.identity.http;

import org.jspecify.annotations.NullMarked;
