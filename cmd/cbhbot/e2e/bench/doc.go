// Package bench measures the built program beside other bots that do the same job:
// one on slack-go's socketmode, one on Bolt for JavaScript, and two floors without
// any library for bots. All of them get the same workspace, the same cloud and a
// real Redis of their own, one after the other in turn; the test process plays the
// people. deploy/docs/performance.md says what is measured, and how.
//
// Everything is a benchmark, so that only "go test -bench" runs it: BenchmarkBots is
// "make bench", BenchmarkGrowth "make bench-growth", BenchmarkResilience "make
// bench-resilience" and BenchmarkProfile "make profile". With -update they write their
// tables into the documents, whose shape a test compares with theirs.
package bench
