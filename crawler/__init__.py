"""Decides what to fetch and stores what came."""
