// Package client speaks the parts of Huawei Cloud's Cloud Bastion Host API
// (CBH, version 2) that upgrading an instance needs, and the IAM call that
// yields a token.
//
// # What it promises
//
// Reading is lenient: a field may be a number, a string, a boolean, null or
// absent, as in the cloud's own examples. Writing is exact.
//
// A write ([Client.Upgrade], [Client.CancelUpgrade], [Client.Rollback]) is sent
// once. The only repetition is after the cloud refused the token before it
// looked at the request. After an error [Unclear] says whether the write may
// have taken effect; if so, read the instance before doing anything else.
//
// A read is repeated on 429, 5xx and broken connections, at most four times
// in all and never past the end of its context.
//
// Every failure is an [*Error] whose [Kind] says what it means. No token,
// password or key is ever part of an error or a log line.
//
// A [Client] is safe for concurrent use.
//
// API reference: https://support.huaweicloud.com/intl/en-us/api-cbh/
package client
