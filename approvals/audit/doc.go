// Package audit is the log of who did what, when, and what came of it. It is
// chained with SHA-256, so that an entry that was changed, removed, moved or added
// is found.
//
// Whoever changes something appends its entry, unhashed, in the same script: to the
// stream that Stream names, in the field "entry" (Entry.Encode) and, where only the
// script knows the number of the request, the field "request". Nobody waits for more
// than that. Every second a replica seals what waits: it gives numbers, chains, and
// moves the entries, a page at a time. Of several that read the same page one moves it.
//
//	append ──► audit:new ──Seal──► audit ──► Verify, Export, Against
//	                                 ├─────► each Mirror
//	                                 └─trim─► (gone; the chain goes on from the anchor)
//
// The keys, behind the deployment's prefix, which must hold a hash tag:
//
//	audit:new       stream  entries that wait to be sealed; their ids are the time of the append
//	audit           stream  sealed entries; their ids are the time of the seal
//	audit:head      string  number and hash of the last sealed entry
//	audit:anchor    string  number and hash of the last entry that retention removed
//	mirrored:NAME   string  how far a mirror has come: an id in audit
//	mirroring:NAME  string  expires: the process that writes the mirror
package audit
