// Package mrkdwn makes text for Slack that the words of others cannot break out of.
//
// A Text is filled by this package alone, as html/template's values are: from what
// stands in the program's source, and from words of others that were made harmless on
// their way in. Whatever people type, the cloud answers or Slack sends is a string,
// and a string in a Text mentions nobody, leads nowhere, hides nothing and stays on
// its line.
//
// All lengths are counted as Slack may count them at most: after escaping, and a
// letter beyond the basic plane as two.
package mrkdwn
