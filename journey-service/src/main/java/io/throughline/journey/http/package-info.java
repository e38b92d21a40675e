/** The management API of journeys, the contact policy and dry runs. */
@NullMarked
package io.throughline.journey.http;

import org.jspecify.annotations.NullMarked;
