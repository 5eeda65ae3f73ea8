"""Anonymous surveys: answers without a name, an account, a time or an order."""
