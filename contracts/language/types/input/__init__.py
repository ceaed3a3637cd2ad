"""The types of inputs and of flow outputs: one declaration each, with what all of them share.

common  the keys of every input
value   how a given value is read as text or as JSON
bound   whether a value lies between two others
choice  what an input offers to choose from"""
