/** Which of several journeys' planned contacts goes first when the caps leave no room for all. */
@NullMarked
package io.throughline.journey.arbitration;

import org.jspecify.annotations.NullMarked;
