/**
 * What is known of one customer, folded from events so that their order of arrival does not matter.
 */
@NullMarked
package io.throughline.identity.profile;

import org.jspecify.annotations.NullMarked;
