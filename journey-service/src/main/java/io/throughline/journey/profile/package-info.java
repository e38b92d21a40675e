/**
 * A customer as far as the journey service knows: its own copy of profile, consents and answers.
 */
@NullMarked
package io.throughline.journey.profile;

import org.jspecify.annotations.NullMarked;
