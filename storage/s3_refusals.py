"""What an S3 store refuses and a person can mend: from its status and code to words for the operator."""

from __future__ import annotations


def refusal(status: int, code: str, bucket: str) -> str | None:
    """In English, with the mend; None for what may go by itself. The codes are those of the S3 API's list of error responses."""
    if code in _PASSING:
        return None
    if code in _WORDS:
        return _WORDS[code].format(bucket=bucket)
    if status in (401, 403):
        return (
            f"{code}: the keys lack a right on the bucket {bucket}: reading, writing, deleting and listing are needed"
        )
    if status == 404:
        return _WORDS["NoSuchBucket"].format(bucket=bucket)
    if status in (301, 307, 400):
        return f"{status} {code}: look at [s3] endpoint, region and path_style"
    if status == 501:
        return _WORDS["NotImplemented"]
    return None


_CLOCK = "its clock and that of this machine differ by more than 15 minutes: have both set by NTP"
_WORDS = {
    "NoSuchBucket": "there is no bucket {bucket}: make it, or mend [storage] archive",
    "InvalidAccessKeyId": "it does not know the access key: look at [s3] credentials",
    "SignatureDoesNotMatch": "the secret key is not that of the access key, or something on the way alters requests: look at "
    "[s3] credentials, and name the endpoint itself, not a proxy before it",
    "RequestTimeTooSkewed": _CLOCK,
    "RequestExpired": _CLOCK,
    "ExpiredToken": "the session token has run out: whatever gives the keys must give new ones",
    "AuthorizationHeaderMalformed": "the region is another: look at [s3] region",
    "PermanentRedirect": "the bucket {bucket} is in another region: look at [s3] region and endpoint",
    "NotImplemented": "it does not know what was asked: try conditional_put = false, then checksums = false in [s3]",
    "QuotaExceeded": "the quota of the bucket {bucket} is used up: raise it",
    "InvalidObjectState": "an object was moved to cold storage: restore it, and end the rule that moves objects of this bucket",
}
_PASSING = ("RequestTimeout", "SlowDown", "BadDigest", "XAmzContentSHA256Mismatch", "IncompleteBody")
"""With status 400, though they go by themselves."""
