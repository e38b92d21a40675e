/** What a customer's text asks for, before any campaign sees it. Pure. */
@NullMarked
package io.throughline.channel.keyword;

import org.jspecify.annotations.NullMarked;
