// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// Two self-signed certificates and their keys, made for these tests and used for nothing else; good for a hundred years.
package enum Certificates {
    package static let first = """
        -----BEGIN CERTIFICATE-----
        MIIBjzCCATWgAwIBAgIUWP/HBBQgI69Dx0Pwud1OIfT+MBswCgYIKoZIzj0EAwIw
        HDEaMBgGA1UEAwwRZmlyc3QuZXhhbXBsZS5jb20wIBcNMjYxMTIyMTAxNjAxWhgP
        MjEyNjEwMjkxMDE2MDFaMBwxGjAYBgNVBAMMEWZpcnN0LmV4YW1wbGUuY29tMFkw
        EwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEHG4C2DC8klXLIDSOuRFQ3pRaIUI7zbBT
        mX58w/jCVDa0gXgpOg8eMSv76Ds83pn/8lc7JAwXRItbfRN84wlc/qNTMFEwHQYD
        VR0OBBYEFCMnQTambuZ5V/O4YXVw2MWqHOkYMB8GA1UdIwQYMBaAFCMnQTambuZ5
        V/O4YXVw2MWqHOkYMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIg
        M6e9KRkRaRaQ33bC+aqCM4iiOhZh3GiVD9f0mfKyzvgCIQDbE9OKa+qTihPWtUtM
        d1gK3y/mcntgYYCDhUtqb1bfLA==
        -----END CERTIFICATE-----
        """

    package static let firstKey = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgmjPPyOWef+81PP1O
        0ERl2hVfJMkp6kELztTnTZf+qUChRANCAAQcbgLYMLySVcsgNI65EVDelFohQjvN
        sFOZfnzD+MJUNrSBeCk6Dx4xK/voOzzemf/yVzskDBdEi1t9E3zjCVz+
        -----END PRIVATE KEY-----
        """

    package static let second = """
        -----BEGIN CERTIFICATE-----
        MIIBkjCCATegAwIBAgIUY8pRAJw8ojs9vDSo7K2es611ffAwCgYIKoZIzj0EAwIw
        HTEbMBkGA1UEAwwSc2Vjb25kLmV4YW1wbGUuY29tMCAXDTI2MTEyMjEwMTYwMVoY
        DzIxMjYxMDI5MTAxNjAxWjAdMRswGQYDVQQDDBJzZWNvbmQuZXhhbXBsZS5jb20w
        WTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATl6niWINs6Kc6A04BepHl5PWS/Ejs/
        2GND3HXzolqVB0nqKYHBD5axbhrkPEzIhePZSHSjiG0RPlHOPv0l9nJ3o1MwUTAd
        BgNVHQ4EFgQUNQIcbKHv9niMDbQfze4kEcB57T0wHwYDVR0jBBgwFoAUNQIcbKHv
        9niMDbQfze4kEcB57T0wDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNJADBG
        AiEA24Dk2NEH2IWr9wDQyETIs6b6oso9orB6BlnX/7+1NrsCIQDaoKsJDSKkHT3b
        i49Q9Tnq/IYNvrDZiXOhjFMtKRDjVA==
        -----END CERTIFICATE-----
        """

    package static let secondKey = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgXneuaQEPjAF9j0V9
        Ezm7ISDCeepU2yWlJsKtg2jlnWChRANCAATl6niWINs6Kc6A04BepHl5PWS/Ejs/
        2GND3HXzolqVB0nqKYHBD5axbhrkPEzIhePZSHSjiG0RPlHOPv0l9nJ3
        -----END PRIVATE KEY-----
        """
}
