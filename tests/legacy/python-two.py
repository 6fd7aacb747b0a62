#!/usr/bin/python
import sys
import urllib2
from optparse import OptionParser


def find(name):
    try:
        return urllib2.urlopen("https://tenant.example.com/groups/" + name).read()
    except urllib2.URLError, e:
        print "no such group:", e
        return None


if __name__ == "__main__":
    (options, args) = OptionParser().parse_args()
    for name in args:
        print find(name)
