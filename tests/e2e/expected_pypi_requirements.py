"""What versions of the expected packages require, as their `.metadata` documents say.

Columns: versions that say so | package, with the extras asked for | constraints | marker.
Rules, by which they were written down: the package has its PEP 503 name; the constraints are as
published, without the parentheses of old metadata, "any" where there are none; the marker (PEP 508)
has double quotes, PEP 685 spelling of extras, and no parentheses around a single comparison.
`…_REQUIRES` come in with every install, `…_OPTIONAL` only when somebody asks for an extra. Versions
that are not named here require nothing, or nobody wrote down what (see samples/README.md).
"""

PYTHON_DATEUTIL_REQUIRES = """
2.8.2 2.9.0.post0 | six    | >=1.5
3.0.0             | six    | >=1.6
3.0.0             | tzdata | any
"""

PYTHON_DATEUTIL_NEW_REQUIRES = """
4.0.0 | tzdata | any
"""

CLICK_REQUIRES = """
8.2.1 8.2.2 8.4.2 | colorama | any | platform_system == "Windows"
"""

URLLIB3_OPTIONAL = """
1.26.18 | brotlicffi           | >=0.8.0   | ((os_name != "nt" or python_version >= "3") and platform_python_implementation != "CPython") and extra == "brotli"
1.26.18 | brotli               | ==1.0.9   | (os_name != "nt" and python_version < "3" and platform_python_implementation == "CPython") and extra == "brotli"
1.26.18 | brotlipy             | >=0.6.0   | (os_name == "nt" and python_version < "3") and extra == "brotli"
1.26.18 | brotli               | >=1.0.9   | (python_version >= "3" and platform_python_implementation == "CPython") and extra == "brotli"
1.26.18 | pyopenssl            | >=0.14    | extra == "secure"
1.26.18 | cryptography         | >=1.3.4   | extra == "secure"
1.26.18 | idna                 | >=2.0.0   | extra == "secure"
1.26.18 | certifi              | any       | extra == "secure"
1.26.18 | urllib3-secure-extra | any       | extra == "secure"
1.26.18 | ipaddress            | any       | python_version == "2.7" and extra == "secure"
2.0.0   | brotli               | >=1.0.9   | platform_python_implementation == "CPython" and extra == "brotli"
2.0.0   | brotlicffi           | >=0.8.0   | platform_python_implementation != "CPython" and extra == "brotli"
2.0.0   | certifi              | any       | extra == "secure"
2.0.0   | cryptography         | >=1.9     | extra == "secure"
2.0.0   | idna                 | >=2.0.0   | extra == "secure"
2.0.0   | pyopenssl            | >=17.1.0  | extra == "secure"
2.0.0   | urllib3-secure-extra | any       | extra == "secure"
2.0.0 2.2.0 | zstandard        | >=0.18.0  | extra == "zstd"
2.2.0   | brotli               | >=1.0.9   | platform_python_implementation == "CPython" and extra == "brotli"
2.2.0   | brotlicffi           | >=0.8.0   | platform_python_implementation != "CPython" and extra == "brotli"
2.2.0 2.7.0 | h2               | <5,>=4    | extra == "h2"
2.7.0   | brotli               | >=1.2.0   | platform_python_implementation == "CPython" and extra == "brotli"
2.7.0   | brotlicffi           | >=1.2.0.0 | platform_python_implementation != "CPython" and extra == "brotli"
2.7.0   | backports-zstd       | >=1.0.0   | python_version < "3.14" and extra == "zstd"
1.26.18 2.0.0 2.2.0 2.7.0 | pysocks | !=1.5.7,<2.0,>=1.5.6 | extra == "socks"
"""

URLLIB3_NEW_OPTIONAL = """
2.8.0 | brotli         | >=1.2.0              | platform_python_implementation == "CPython" and extra == "brotli"
2.8.0 | brotlicffi     | >=1.2.0.0            | platform_python_implementation != "CPython" and extra == "brotli"
2.8.0 | h2             | <5,>=4               | extra == "h2"
2.8.0 | pysocks        | !=1.5.7,<2.0,>=1.5.6 | extra == "socks"
2.8.0 | backports-zstd | >=1.0.0              | python_version < "3.14" and extra == "zstd"
"""

EXCEPTIONGROUP_REQUIRES = """
1.3.1 | typing-extensions | >= 4.6.0 | python_version < "3.13"
"""

EXCEPTIONGROUP_OPTIONAL = """
1.2.2 1.3.1 | pytest | >= 6 | extra == "test"
"""

JINJA2_REQUIRES = """
2.11.3            | markupsafe | >=0.23
3.0.3 3.1.5 3.1.6 | markupsafe | >=2.0
"""

JINJA2_OPTIONAL = """
2.11.3            | babel | >=0.8 | extra == "i18n"
3.0.3 3.1.5 3.1.6 | babel | >=2.7 | extra == "i18n"
"""

HTTPX_REQUIRES = """
0.27.2 0.28.0 0.28.1        | anyio    | any
0.24.1 0.27.2 0.28.0 0.28.1 | certifi  | any
0.24.1                      | httpcore | <0.18.0,>=0.15.0
0.27.2 0.28.0 0.28.1        | httpcore | ==1.*
0.24.1 0.27.2 0.28.0 0.28.1 | idna     | any
0.24.1 0.27.2               | sniffio  | any
"""

HTTPX_OPTIONAL = """
0.24.1 0.27.2 0.28.0 0.28.1 | brotli     | any      | platform_python_implementation == "CPython" and extra == "brotli"
0.24.1 0.27.2 0.28.0 0.28.1 | brotlicffi | any      | platform_python_implementation != "CPython" and extra == "brotli"
0.24.1 0.27.2 0.28.0 0.28.1 | click      | ==8.*    | extra == "cli"
0.24.1 0.27.2 0.28.0 0.28.1 | pygments   | ==2.*    | extra == "cli"
0.24.1 0.27.2 0.28.0 0.28.1 | rich       | <14,>=10 | extra == "cli"
0.24.1 0.27.2 0.28.0 0.28.1 | h2         | <5,>=3   | extra == "http2"
0.24.1 0.27.2 0.28.0 0.28.1 | socksio    | ==1.*    | extra == "socks"
0.27.2 0.28.0 0.28.1        | zstandard  | >=0.18.0 | extra == "zstd"
"""

ANYIO_REQUIRES = """
3.7.1 4.4.0 4.6.2 4.15.1 4.16.0 | idna              | >=2.8
3.7.1 4.4.0 4.6.2               | sniffio           | >=1.1
3.7.1                           | exceptiongroup    | any      | python_version < "3.11"
4.4.0 4.6.2 4.15.1 4.16.0       | exceptiongroup    | >=1.0.2  | python_version < "3.11"
3.7.1                           | typing-extensions | any      | python_version < "3.8"
4.4.0 4.6.2                     | typing-extensions | >=4.1    | python_version < "3.11"
4.15.1 4.16.0                   | typing-extensions | >=4.16.0 | python_version < "3.15"
"""

ANYIO_OPTIONAL = """
3.7.1 4.4.0 4.6.2 | packaging                | any        | extra == "doc"
3.7.1             | sphinx                   | any        | extra == "doc"
4.4.0             | sphinx                   | >=7        | extra == "doc"
4.6.2             | sphinx                   | ~=7.4      | extra == "doc"
3.7.1             | sphinx-rtd-theme         | >=1.2.2    | extra == "doc"
4.4.0 4.6.2       | sphinx-rtd-theme         | any        | extra == "doc"
3.7.1             | sphinxcontrib-jquery     | any        | extra == "doc"
3.7.1 4.4.0 4.6.2 | sphinx-autodoc-typehints | >=1.2.0    | extra == "doc"
3.7.1 4.4.0 4.6.2 | anyio[trio]              | any        | extra == "test"
3.7.1             | coverage[toml]           | >=4.5      | extra == "test"
4.4.0 4.6.2       | coverage[toml]           | >=7        | extra == "test"
4.4.0 4.6.2       | exceptiongroup           | >=1.2.0    | extra == "test"
3.7.1 4.4.0 4.6.2 | hypothesis               | >=4.0      | extra == "test"
3.7.1 4.4.0 4.6.2 | psutil                   | >=5.9      | extra == "test"
3.7.1 4.4.0 4.6.2 | pytest                   | >=7.0      | extra == "test"
3.7.1 4.4.0 4.6.2 | pytest-mock              | >=3.6.1    | extra == "test"
3.7.1 4.4.0 4.6.2 | trustme                  | any        | extra == "test"
3.7.1             | uvloop                   | >=0.17     | (python_version < "3.12" and platform_python_implementation == "CPython" and platform_system != "Windows") and extra == "test"
4.4.0             | uvloop                   | >=0.17     | (platform_python_implementation == "CPython" and platform_system != "Windows") and extra == "test"
4.6.2             | uvloop                   | >=0.21.0b1 | (platform_python_implementation == "CPython" and platform_system != "Windows") and extra == "test"
3.7.1             | mock                     | >=4        | python_version < "3.8" and extra == "test"
4.6.2             | truststore               | >=0.9.1    | python_version >= "3.10" and extra == "test"
3.7.1             | trio                     | <0.22      | extra == "trio"
4.4.0             | trio                     | >=0.23     | extra == "trio"
4.6.2             | trio                     | >=0.26.1   | extra == "trio"
4.15.1 4.16.0     | trio                     | >=0.32.0   | extra == "trio"
"""

REQUESTS_REQUIRES = """
2.19.1                      | chardet            | <3.1.0,>=3.0.2
2.25.1                      | chardet            | <5,>=3.0.2
2.28.0                      | charset-normalizer | ~=2.0.0
2.31.0 2.32.0 2.32.5        | charset-normalizer | <4,>=2
2.34.1 2.34.2               | charset-normalizer | <4,>=2
2.19.1                      | idna               | <2.8,>=2.5
2.25.1                      | idna               | <3,>=2.5
2.28.0 2.31.0 2.32.0 2.32.5 | idna               | <4,>=2.5
2.34.1 2.34.2               | idna               | <4,>=2.5
2.19.1                      | urllib3            | <1.24,>=1.21.1
2.25.1 2.28.0               | urllib3            | <1.27,>=1.21.1
2.31.0 2.32.0 2.32.5        | urllib3            | <3,>=1.21.1
2.34.1 2.34.2               | urllib3            | <3,>=1.26
2.19.1 2.25.1 2.28.0 2.31.0 | certifi            | >=2017.4.17
2.32.0 2.32.5               | certifi            | >=2017.4.17
2.34.1 2.34.2               | certifi            | >=2023.5.7
"""

REQUESTS_OPTIONAL = """
2.19.1 2.25.1               | pyopenssl     | >=0.14          | extra == "security"
2.19.1 2.25.1               | cryptography  | >=1.3.4         | extra == "security"
2.19.1                      | idna          | >=2.0.0         | extra == "security"
2.19.1 2.25.1 2.28.0 2.31.0 | pysocks       | !=1.5.7,>=1.5.6 | extra == "socks"
2.32.0 2.32.5 2.34.1 2.34.2 | pysocks       | !=1.5.7,>=1.5.6 | extra == "socks"
2.19.1                      | win-inet-pton | any             | sys_platform == "win32" and (python_version == "2.7" or python_version == "2.6") and extra == "socks"
2.25.1                      | win-inet-pton | any             | (sys_platform == "win32" and python_version == "2.7") and extra == "socks"
2.28.0                      | chardet       | <5,>=3.0.2      | extra == "use-chardet-on-py3"
2.31.0 2.32.0 2.32.5        | chardet       | <6,>=3.0.2      | extra == "use-chardet-on-py3"
2.34.1 2.34.2               | chardet       | <8,>=3.0.2      | extra == "use-chardet-on-py3"
"""

PYDANTIC_REQUIRES = """
2.0 2.8.2            | annotated-types   | >=0.4.0
2.12.1 2.14.2 2.14.3 | annotated-types   | >=0.6.0
2.0                  | pydantic-core     | ==2.0.1
2.8.2                | pydantic-core     | ==2.20.1
2.12.1               | pydantic-core     | ==2.41.3
2.14.2               | pydantic-core     | ==2.50.2
2.14.3               | pydantic-core     | ==2.50.4
1.10.13              | typing-extensions | >=4.2.0
2.0                  | typing-extensions | >=4.6.1
2.8.2                | typing-extensions | >=4.12.2 | python_version >= "3.13"
2.8.2                | typing-extensions | >=4.6.1  | python_version < "3.13"
2.12.1               | typing-extensions | >=4.14.1
2.14.2 2.14.3        | typing-extensions | >=4.16.0
2.12.1               | typing-inspection | >=0.4.2
2.14.2 2.14.3        | typing-inspection | >=0.4.4
"""

PYDANTIC_OPTIONAL = """
1.10.13                        | python-dotenv   | >=0.10.4 | extra == "dotenv"
1.10.13                        | email-validator | >=1.0.3  | extra == "email"
2.0 2.8.2 2.12.1 2.14.2 2.14.3 | email-validator | >=2.0.0  | extra == "email"
2.12.1                         | tzdata          | any      | (python_version >= "3.9" and platform_system == "Windows") and extra == "timezone"
2.14.2 2.14.3                  | tzdata          | any      | platform_system == "Windows" and extra == "timezone"
"""
