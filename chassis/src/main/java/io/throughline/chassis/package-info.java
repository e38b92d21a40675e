/** What every service needs and that knows no word of the domain. */
@NullMarked
package io.throughline.chassis;

import org.jspecify.annotations.NullMarked;
