"""The reviewer's checklist over any change of a package repository, from its two trees and its texts alone. Pure."""
