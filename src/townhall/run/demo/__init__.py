"""The demo brand: Fernhill Mobile, a telephone company that does not exist, and the people who write to it.

``phrases`` holds what they say, ``town`` who says what when (by seed), ``network`` the small made-up server that
replies go to, ``orders`` is what its own system knows of them, ``feed`` plays it all into a running house by the same door as real traffic.
"""
