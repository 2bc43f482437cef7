// Package messages holds every word that people read in Slack: cards, notices,
// answers, forms, the Home page and errors, in each language.
//
// What there is to say is a fact: a stored request, an error, or a [Saying], which is
// a [Key] of the tables of texts and the facts that go into the text. It becomes words
// where it is shown, by a [Voice]: a language, a zone and a moment. All drawing is pure.
//
// A language is one file with a [Language] in it (english.go is the first), and its
// line in [Languages]. A text is one whole sentence, or several: none is put together
// from halves, so that each language has its own order of words.
package messages
